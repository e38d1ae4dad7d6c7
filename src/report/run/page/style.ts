/** The page's look: light and dark as the reader has it, legible in print. Text holds 4.5:1 against its ground, and no colour stands alone. */
export const style = `
:root { color-scheme: light dark; --ground: #fff; --text: #1b1f24; --dim: #57606a; --line: #d5dbe1; --soft: #f5f7f9; --link: #0b57a8;
  --passed: #116b34; --passed-soft: #e7f5ec; --failed: #b3261e; --failed-soft: #fdeceb; --cached: #0b5c8a; --cached-soft: #e6f2f9;
  --other: #7a5200; --other-soft: #fbf2dc; --next-soft: #eef4fc; --mark: #ffe2a8;
  --a1: #b3261e; --a2: #116b34; --a3: #7a5200; --a4: #1f4fa8; --a5: #8a2a86; --a6: #0b6470; --a7: #1b1f24; --a8: #57606a;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; }
@media screen and (prefers-color-scheme: dark) { :root { --ground: #14171a; --text: #e6e9ec; --dim: #a4adb8; --line: #373f48; --soft: #1c2126; --link: #8ab8ff;
  --passed: #6fd08c; --passed-soft: #14301f; --failed: #ff9089; --failed-soft: #3a1a1a; --cached: #7cc4f0; --cached-soft: #122b3b;
  --other: #e5b95c; --other-soft: #33280f; --next-soft: #172436; --mark: #5c430a;
  --a1: #ff9089; --a2: #6fd08c; --a3: #e5b95c; --a4: #8ab4ff; --a5: #e39be0; --a6: #6cd0dc; --a7: #e6e9ec; --a8: #a4adb8; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 1.25rem clamp(.9rem, 3vw, 2rem) 3rem; max-width: 76rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0; } h2 { font-size: 1.2rem; margin: 2.25rem 0 .6rem; }
h3 { font-size: 1.1rem; margin: 0 0 .35rem; } h3 small { font-weight: 400; font-size: .9rem; color: var(--dim); }
h4 { font-size: .8rem; margin: 1rem 0 .35rem; color: var(--dim); text-transform: uppercase; letter-spacing: .04em; }
p, ul, ol { margin: .3rem 0; } a { color: var(--link); } .dim { color: var(--dim); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px; } main:focus { outline: none; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -100vw; } .skip:focus { left: 1rem; top: .5rem; padding: .4rem .8rem; background: var(--ground); z-index: 1; }
code, pre, textarea { font: .8125rem/1.5 var(--mono); tab-size: 4; } code { overflow-wrap: anywhere; }
pre { margin: .4rem 0; padding: .7rem .9rem; background: var(--soft); border: 1px solid var(--line); border-radius: 8px;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.banner { display: flex; gap: 1rem; align-items: center; padding: 1.1rem 1.25rem; border-radius: 14px; border: 1px solid currentColor; }
.banner.passed { background: var(--passed-soft); } .banner.failed { background: var(--failed-soft); } .banner.cancelled { background: var(--other-soft); }
.banner > div { color: var(--text); min-width: 0; } .banner .sign { display: grid; place-items: center; flex: none; width: 3rem; height: 3rem;
  margin: 0; border-radius: 50%; background: currentColor; font-size: 1.5rem; line-height: 1; } .banner .sign span { color: var(--ground); }
.headline { font-size: 1.05rem; margin: .15rem 0; }
.meta, .pills { display: flex; flex-wrap: wrap; list-style: none; padding: 0; } .meta { gap: .1rem 1.1rem; color: var(--text); font-size: .9rem; margin: 0; }
.pills { gap: .4rem; margin: .8rem 0 0; } .pill { display: inline-block; padding: .2rem .7rem; border: 1px solid currentColor; border-radius: 99px;
  font-size: .9rem; text-decoration: none; } .pill:hover { text-decoration: underline; }
.passed { color: var(--passed); } .failed { color: var(--failed); } .cached { color: var(--cached); } .error { color: var(--failed); }
.skipped, .cancelled, .warning { color: var(--other); } .waiting, .note { color: var(--dim); }
.badge { display: inline-block; padding: 0 .5rem; border-radius: 6px; font-size: .85rem; font-weight: 600; background: var(--soft); border: 1px solid var(--line); }
.badge.passed { background: var(--passed-soft); } .badge.failed, .badge.error { background: var(--failed-soft); }
.badge.cached { background: var(--cached-soft); } .badge.skipped, .badge.cancelled, .badge.warning { background: var(--other-soft); }
.card { color: var(--text); border: 1px solid var(--line); border-left: 5px solid var(--failed); border-radius: 10px; padding: 1rem 1.1rem; margin: .9rem 0; }
.card h2 { margin-top: 0; } .card h3 > span:first-child { color: var(--failed); } .command { color: var(--dim); } .command code { white-space: pre-wrap; }
.next { background: var(--next-soft); border-radius: 8px; padding: .6rem .9rem; margin: .7rem 0; } .next h4 { margin-top: 0; color: var(--text); }
.next ul { list-style: none; padding: 0; margin: 0; } .next li { white-space: pre-wrap; } .next li + li { margin-top: .45rem; }
.take { user-select: all; padding: .15rem .45rem; border-radius: 5px; background: var(--ground); border: 1px solid var(--line); font-weight: 600; }
.problems { padding-left: 1.6rem; } .problems > li { margin: .7rem 0; } .problems > li::marker { color: var(--dim); font-size: .85rem; }
.problems .message { font-weight: 600; white-space: pre-wrap; } .place { font-weight: 600; }
.frame { white-space: pre; overflow-x: auto; overflow-wrap: normal; } .gutter { color: var(--dim); user-select: none; }
.frame mark { background: var(--mark); color: var(--text); border-radius: 2px; } .caret { color: var(--failed); font-weight: 700; }
details { margin: .4rem 0; } summary { cursor: pointer; padding: .25rem .2rem; } details[open] > summary { margin-bottom: .2rem; }
.scroll { max-height: 75vh; overflow: auto; background: var(--soft); border: 1px solid var(--line); border-radius: 8px; padding: .7rem 0; }
.block { margin: 0; padding: 0 .9rem; border: 0; border-radius: 0; content-visibility: auto; contain-intrinsic-block-size: auto calc(var(--lines) * 1.5em); }
.output .b { font-weight: 700; } .output .d { color: var(--dim); } .output .i { font-style: italic; } .output .u { text-decoration: underline; } .output .s { text-decoration: line-through; }
${[1, 2, 3, 4, 5, 6, 7, 8].map((color) => `.output .c${color} { color: var(--a${color}); } .output .g${color} { background: var(--a${color}); color: var(--soft); }`).join('\n')}
.timeline { padding: .8rem 1rem .3rem; border: 1px solid var(--line); border-radius: 10px; }
.lane { display: grid; grid-template-columns: 4rem 1fr; gap: .6rem; align-items: center; margin: .3rem 0; font-size: .8rem; color: var(--dim); }
.track { position: relative; height: 1.7rem; background: var(--soft); border-radius: 5px; }
.bar { position: absolute; inset-block: 0; display: flex; flex-wrap: wrap; min-width: 3px; overflow: hidden; border-radius: 5px; border: 1px solid currentColor;
  background: var(--soft); text-decoration: none; line-height: 1.6rem; } .bar::before { content: ""; height: 100%; } .bar > span { height: 100%; padding: 0 .4rem; white-space: nowrap; font-weight: 600; }
.bar.passed { background: var(--passed-soft); } .bar.cancelled { background: var(--other-soft); } .bar.phase { color: var(--dim); } .bar.phase > span { font-weight: 400; padding: 0 .25rem; } .bar.phase.failed, .bar.failed { color: var(--failed); }
.bar.failed { background: repeating-linear-gradient(135deg, var(--failed-soft) 0 6px, var(--ground) 6px 9px); } .bar:hover { text-decoration: underline; }
.axis .track { background: none; height: 1.3rem; } .tick { position: absolute; padding: 0 .25rem; border-left: 1px solid var(--line); white-space: nowrap; }
.tick.end { border-left: 0; border-right: 1px solid var(--line); translate: -100%; }
table { width: 100%; border-collapse: collapse; font-size: .95rem; } th, td { text-align: left; padding: .45rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { font-size: .8rem; color: var(--dim); } tbody th { font-weight: 600; } tbody th code { font-weight: 400; } td, tbody th { overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: normal; } .steps .number { white-space: nowrap; }
.notes { list-style: none; padding: 0; } .notes li { margin: .5rem 0; } .said { white-space: pre-wrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; } dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
textarea { width: 100%; padding: .7rem .9rem; color: var(--text); background: var(--soft); border: 1px solid var(--line); border-radius: 8px; resize: vertical; }
footer { margin-top: 3rem; color: var(--dim); font-size: .85rem; }
@media (max-width: 40rem) { .wide, .tick:nth-child(even) { display: none; } .banner { align-items: flex-start; padding: .9rem 1rem; } .banner .sign { width: 2.2rem; height: 2.2rem; font-size: 1.1rem; }
  h1 { font-size: 1.3rem; } .card { padding: .8rem; } .lane { grid-template-columns: 1fr; gap: 0; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } tr, tbody th, td { display: block; }
  tr { padding: .5rem 0; border-bottom: 1px solid var(--line); } tbody th, td { border: 0; padding: .1rem 0; } .number { text-align: left; } .number br { display: none; }
  .versions td { display: grid; grid-template-columns: 5.5rem 1fr; justify-items: start; } .versions td::before { color: var(--dim); } .versions td:empty { display: none; }
  .versions td:nth-of-type(1)::before { content: "declared"; } .versions td:nth-of-type(2)::before { content: "locked"; } .versions td:nth-of-type(3)::before { content: "image"; }
 
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } .problems { padding-left: 1.3rem; } }
@media (forced-colors: active) { .bar, .badge, .pill { border-color: CanvasText; } .bar.failed { border-style: double; border-width: 3px; } mark { forced-color-adjust: none; } }
@media print { :root { --ground: #fff; --text: #000; --dim: #444; --line: #999; --soft: #fff; color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; } nav, .skip, details:not([open]), .folded:not(:has([open])) { display: none; } h2, h3, h4 { break-after: avoid; }
  .problems > li, tr, .timeline, .next { break-inside: avoid; } .frame { white-space: pre-wrap; } .scroll { max-height: none; overflow: visible; }
  .bar, .banner, .badge { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;
