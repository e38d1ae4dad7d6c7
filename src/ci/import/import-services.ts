import type { Service } from '../../config/config.ts';
import { decision, type Decision } from '../../config/detect/decision.ts';
import { serviceName, imageReference } from '../../config/value-checks.ts';
import type { DecidedService, LeftOut } from '../decided-pipeline.ts';
import { type Job, placeText } from './import-facts.ts';

/** The services of the jobs, each once; what can't be carried over goes to `leftOut`, why each is there to `decisions`. */
export function importServices(jobs: readonly Job[], leftOut: LeftOut[], decisions: Decision[]): readonly Service[] {
  const services: { readonly made: Service; readonly from: DecidedService }[] = [];
  for (const job of jobs)
    for (const from of job.services) {
      const name = hostName(from.name);
      const leave = (why: string): void =>
        void leftOut.push({ place: from.place, what: `service ${from.name} of job ${job.id}`, why });
      const complaint = imageReference(from.image);
      const made: Service = {
        name,
        image: from.image,
        env: from.env,
        ...(from.entrypoint === undefined ? {} : { entrypoint: from.entrypoint }),
        ...(from.command === undefined ? {} : { command: from.command }),
        ...(from.ready === undefined ? {} : { ready: from.ready }),
        readyTimeoutSeconds: from.readySeconds ?? 60,
        ports: from.ports,
      };
      const other = services.find(
        (each) => each.made.name === name || each.made.ports.some((port) => made.ports.includes(port)),
      );
      if (complaint !== undefined) leave(complaint.message);
      else if (other === undefined) {
        services.push({ made, from });
        decisions.push({ ...decision(name, from.image, `${placeText(from.place)}, job ${job.id}`), kind: 'service' });
      } else if (JSON.stringify(other.made) !== JSON.stringify(made)) {
        const port = other.made.ports.find((each) => made.ports.includes(each));
        leave(
          port === undefined
            ? `there is a service ${name} already`
            : `${other.made.name} listens on port ${port} already; all services are at localhost`,
        );
      }
    }
  return services.map(({ made }) => made);
}

/** A service is reached by its name: what no host can be called is made into a name. */
function hostName(name: string): string {
  if (serviceName(name) === undefined) return name;
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return plain === '' || plain === 'localhost' ? 'service' : plain;
}
