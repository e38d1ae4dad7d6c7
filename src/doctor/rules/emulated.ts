import type { Rule } from '../audit.ts';

/** PD034. */
export const emulated: Rule = {
  id: 'PD034',
  name: 'emulated',
  severity: 'warning',
  observes: true,
  sentence: "The engine's platform is not this machine's: containers are emulated, or run elsewhere.",
  check: ({ observed: { engine } }) =>
    engine === undefined || engine.platform === engine.hostPlatform
      ? []
      : [
          {
            confidence: 'medium',
            topic: 'engine',
            message: `the engine at ${engine.address} runs ${engine.platform}, this machine is ${engine.hostPlatform}`,
            observed: engine.platform,
            related: [],
            hint: 'an engine for this processor is several times faster; parity status says which engines there are',
          },
        ],
};
