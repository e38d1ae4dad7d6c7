import { fileFailure } from '../core/file-failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { writeFileWhole } from '../core/write-file.ts';

/** Writes the text of a report as a whole. Err `disk-full` or `io`. */
export async function writeTextReport(
  { kind, file }: { readonly kind: string; readonly file: string },
  text: string,
): Promise<Result<void>> {
  try {
    await writeFileWhole(file, text);
    return ok(undefined);
  } catch (error) {
    return err(fileFailure(error, `the ${kind} report ${file} can't be written`));
  }
}
