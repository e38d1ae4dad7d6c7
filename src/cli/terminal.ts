/** The terminal, or what stands for one: only commands have it, and they print through it alone. */
export interface Terminal {
  /** Writes the command's result to stdout; a missing final newline is added. `obeyed`: it is made of commands for the CI's runner. */
  readonly print: (text: string, how?: 'obeyed') => void;
  /** True with `--reporter json`: the result printed is one JSON object. */
  readonly json: boolean;
  /** True when results may be coloured. */
  readonly color: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** The process's own streams, for commands that pass a program's through; nothing else writes to them. */
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}
