/** The page's look: light and dark as the reader has it, legible in print. Colours hold 4.5:1 against their ground. */
export const style = `
:root { color-scheme: light dark; --ground: #fff; --text: #1c2024; --dim: #5b6470; --line: #d9dee4; --soft: #f4f6f8;
  --passed: #116b34; --failed: #b3261e; --cached: #0b5c8a; --other: #7a5200; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --text: #e6e9ec; --dim: #a0a9b4; --line: #343b43; --soft: #1d2227;
  --passed: #6fd08c; --failed: #ff8f87; --cached: #7cc4f0; --other: #e5b95c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 72rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: 0; }
p { margin: .25rem 0; } .dim { color: var(--dim); }
code, pre { font: .875rem/1.45 ui-monospace, monospace; }
pre { margin: .5rem 0; padding: .75rem; background: var(--soft); border: 1px solid var(--line); border-radius: 6px;
  overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
.passed { color: var(--passed); } .failed { color: var(--failed); } .cached { color: var(--cached); }
.skipped, .cancelled, .waiting, .warning { color: var(--other); } .error { color: var(--failed); } .note { color: var(--dim); }
section.step { border: 1px solid var(--line); border-left: 4px solid var(--failed); border-radius: 6px; padding: .75rem 1rem; margin: .75rem 0; }
ul { margin: .5rem 0; padding-left: 1.25rem; } li { margin: .25rem 0; }
table { width: 100%; border-collapse: collapse; } th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.time { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.bar { width: 30%; min-width: 8rem; } .track { position: relative; height: .8rem; margin-top: .35rem; background: var(--soft); border-radius: 3px; }
.track span { position: absolute; top: 0; bottom: 0; min-width: 2px; border-radius: 3px; background: currentColor; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; } dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
@media print { body { max-width: none; padding: 0; } pre { border-color: #999; } section.step, tr { break-inside: avoid; }
  .track span { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;
