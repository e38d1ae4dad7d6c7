// The package's programmatic use: `import { up, doctor, lock } from 'parity'`.
export { doctor, type DoctorOptions } from './api/doctor.ts';
export { lock, type LockOptions } from './api/lock.ts';
export { up, type Run, type UpOptions } from './api/up.ts';
export type { CallOptions } from './api/call.ts';
export type { LockOutcome } from './app/lock/lock-project.ts';
export type { Failure, FailureReason } from './core/failure.ts';
export type { Err, Ok, Result } from './core/result.ts';
export type { ToolDiagnostic } from './core/tool-diagnostic.ts';
export type { LockChange } from './lock/changes.ts';
export type { ChangedInput as MovedInput } from './lock/check-lock.ts';
export type { RunEvent, RunFinished, RunOutcome, StepFinished, StepOutcome } from './pipeline/events.ts';
export type { DoctorJson, FindingJson, LocationJson } from './report/doctor/json.ts';
