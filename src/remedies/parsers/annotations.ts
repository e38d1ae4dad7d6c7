import { printedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

// ::error title=ruff (F401),file=/workspace/pk/m.py,line=1,col=8,endLine=1,endColumn=10::pk/m.py:1:8: F401 `os` imported but unused
const command = /^::(error|warning|notice) ?([^:]*(?::(?!:)[^:]*)*)::(.*)$/;
// ruff's own beginning of the message, which says the place and the code again.
const again = /^(\S+):\d+:\d+: (?:([A-Z]{1,10}\d{1,6}) )?/;

/** What tools print for GitHub to annotate: `::error file=…,line=…,col=…::message` (ruff, mypy, eslint and pytest by their GitHub formats). */
export function parseAnnotations({ lines, words }: ToolOutput): readonly RawDiagnostic[] {
  return lines.flatMap((text, at): readonly RawDiagnostic[] => {
    const [, level, properties = '', said] = command.exec(text) ?? [];
    if (level === undefined || said === undefined) return [];
    const given = new Map(
      properties.split(',').map((each): readonly [string, string] => {
        const [name = '', ...value] = each.split('=');
        return [name.trim(), decoded(value.join('='))];
      }),
    );
    const file = given.get('file');
    if (file === undefined) return [];
    const [, tool = [...words][0] ?? 'github', code] =
      /^(?:([\w-]+) )?\((\S+)\)$/i.exec(given.get('title') ?? '') ?? [];
    const message = decoded(said);
    const [, shown, repeated] = again.exec(message) ?? [];
    return [
      {
        tool: tool.toLowerCase(),
        code: code ?? repeated ?? null,
        severity: level === 'notice' ? 'note' : (level as 'error' | 'warning'),
        message: message.replace(again, ''),
        // An absolute path may be of another machine; what the message shows is relative.
        places: [file, ...(shown === undefined ? [] : [shown])].map((path) =>
          printedPlace(path, given.get('line'), given.get('col') ?? null),
        ),
        at,
      },
    ];
  });
}

/** https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions: what would end a value is written as `%3A` and its like. */
function decoded(text: string): string {
  return text.replace(/%(0A|0D|25|3A|2C)/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
}
