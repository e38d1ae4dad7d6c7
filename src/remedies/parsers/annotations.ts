import { printedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

// ::error title=ruff (F401),file=/workspace/pk/m.py,line=1,col=8,endLine=1,endColumn=10::pk/m.py:1:8: F401 `os` imported but unused
const command = /^::(error|warning|notice) ?([^:]*(?::(?!:)[^:]*)*)::(.*)$/;
// ruff's own beginning of the message, which says the place and the code again.
const again = /^(\S+):\d+:(\d+): (?:([A-Z]{1,10}\d{1,6}|invalid-syntax):? )?/;

// yamllint's: 2:1 [key-duplicates] duplication of key "a" in mapping
const ofYamllint = /^\d+:\d+ \[([a-z-]+)\] /;
// ##vso[task.logissue type=error;sourcepath=core/app.py;linenumber=1;columnnumber=8;code=F401;]`os` imported but unused
const issue = /^##vso\[task\.logissue ([^\]]*)\](.*)$/;

/** What tools print for GitHub to annotate: `::error file=…,line=…,col=…::message` (ruff, mypy, eslint and pytest by their GitHub formats). */
export function parseAnnotations({ lines, words }: ToolOutput): readonly RawDiagnostic[] {
  return lines.flatMap((text, at): readonly RawDiagnostic[] => {
    if (text.startsWith('##vso[')) return azureIssue(text, words, at);
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
    const title = given.get('title') ?? '';
    const message = decoded(said);
    const [, yamlRule] = ofYamllint.exec(message) ?? [];
    const isPylint = /^[CRWEFI]\d{4}$/.test(title);
    const named = isPylint ? 'pylint' : yamlRule === undefined ? [...words][0] : 'yamllint';
    const [, tool = named ?? 'github', code = isPylint ? title : yamlRule] =
      /^(?:([\w-]+) )?\((\S+)\)$/i.exec(title) ?? [];
    const [, shown, besideLine, repeated] = again.exec(message) ?? [];
    // pylint's columns count from 0.
    const column = isPylint ? String(Number(given.get('col')) + 1) : (given.get('col') ?? besideLine);
    return [
      {
        tool: tool.toLowerCase(),
        code: code ?? repeated ?? null,
        severity: level === 'notice' ? 'note' : (level as 'error' | 'warning'),
        message: message.replace(again, '').replace(ofYamllint, ''),
        // An absolute path may be of another machine; what the message shows is relative.
        places: [file, ...(shown === undefined ? [] : [shown])].map((path) =>
          printedPlace(path, given.get('line'), column ?? null),
        ),
        at,
      },
    ];
  });
}

/** https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands */
function azureIssue(text: string, words: ReadonlySet<string>, at: number): readonly RawDiagnostic[] {
  const [, properties = '', message = ''] = issue.exec(text) ?? [];
  const given = new Map(
    properties.split(';').map((each): readonly [string, string] => {
      const [name = '', ...value] = each.split('=');
      return [name.trim(), value.join('=')];
    }),
  );
  const file = given.get('sourcepath');
  if (file === undefined) return [];
  const severity = given.get('type') === 'warning' ? 'warning' : 'error';
  const place = printedPlace(file, given.get('linenumber'), given.get('columnnumber') ?? null);
  const tool = [...words][0] ?? 'azure';
  return [{ tool, code: given.get('code') ?? null, severity, message, places: [place], at }];
}

/** https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions: what would end a value is written as `%3A` and its like. */
function decoded(text: string): string {
  return text.replace(/%(0A|0D|25|3A|2C)/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
}
