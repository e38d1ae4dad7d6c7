import type { ConfigComplaints } from './config-complaints.ts';
import type { DocumentPath } from './document.ts';
import { nearest } from './nearest.ts';

/** Checks the names of toolchains by which steps ask for them: each is there, is used, and is the same for all steps of a job, which share a machine. */
export function checkStepToolchains(complaints: ConfigComplaints, steps: readonly DocumentPath[]): void {
  const known = complaints.keys(['toolchains']);
  const used = new Set<string>();
  const ofJob = new Map<string, DocumentPath>();
  for (const path of steps) {
    const name = complaints.text([...path, 'toolchain']);
    if (name !== undefined) used.add(name);
    if (name !== undefined && !known.includes(name)) {
      const meant = nearest(name, known);
      const all = known.length === 0 ? 'there are no `toolchains`' : `there are: ${known.join(', ')}`;
      const hint = meant === undefined ? all : `did you mean \`${meant}\`?`;
      complaints.report([...path, 'toolchain'], {
        code: 'unknown-toolchain',
        message: `no toolchain is called \`${name}\``,
        hint,
      });
    }
    const job = complaints.text([...path, 'job']);
    if (job === undefined) continue;
    const earlier = ofJob.get(job);
    ofJob.set(job, earlier ?? path);
    if (earlier === undefined || complaints.text([...earlier, 'toolchain']) === name) continue;
    const at = (step: DocumentPath): DocumentPath =>
      complaints.text([...step, 'toolchain']) === undefined ? [...step, 'job'] : [...step, 'toolchain'];
    const message = `the steps of job \`${job}\` share a machine, and this one names another toolchain`;
    const related = [complaints.related(at(earlier), `the job's first step`)];
    complaints.report(at(path), {
      code: 'toolchains-of-job',
      message,
      hint: 'give it another `job`, or the same `toolchain`',
      related,
    });
  }
  for (const name of known) {
    if (used.has(name)) continue;
    const hint = `say \`toolchain: ${name}\` at a step, or take it out`;
    complaints.reportKey(['toolchains', name], {
      code: 'unused-toolchain',
      message: `no step uses the toolchain \`${name}\``,
      hint,
    });
  }
}
