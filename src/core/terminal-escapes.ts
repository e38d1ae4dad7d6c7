/** ECMA-48: CSI sequences, OSC strings (ended by BEL or ST), and two-character escapes. Global: for `replace` only. */
// oxlint-disable-next-line no-control-regex
export const terminalEscapes = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[ -/]*[0-Z\\^-~])/g;
