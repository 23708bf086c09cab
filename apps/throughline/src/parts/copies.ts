import { SERVICES, type Service } from '@throughline/contracts/define-event';

/** How many processes each service runs in. */
export type Copies = Readonly<Record<Service, number>>;

/** Twelve share out the partitions of a topic; more would have nothing to read. */
const MOST = 12;

const countOf = (text: string): number => {
  const count = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MOST) throw new RangeError(`${JSON.stringify(text)} is not a number of copies from 1 to ${MOST}`);
  return count;
};

export const ONE_EACH: Copies = Object.fromEntries(SERVICES.map((service) => [service, 1])) as Record<Service, number>;

/** `2`: of every service; `care-plan=2,intake=3`: of these, and one of each other. @throws RangeError */
export const readCopies = (text: string): Copies => {
  if (!text.includes('=')) return Object.fromEntries(SERVICES.map((service) => [service, countOf(text)])) as Record<Service, number>;
  const named = text.split(',').map((part): [string, number] => {
    const [service = '', count = ''] = part.split('=');
    if (!(SERVICES as readonly string[]).includes(service)) throw new RangeError(`there is no service ${JSON.stringify(service)}`);
    return [service, countOf(count)];
  });
  return { ...ONE_EACH, ...Object.fromEntries(named) };
};

export interface Copy {
  /** The part's: `intake`, then `intake-2`. */
  readonly name: string;
  readonly service: Service;
  /** Of the name under which the copy's own MLLP port is kept; undefined: the port that the person chose, or none. */
  readonly mllp: string | undefined;
}

export const copiesIn = (copies: Copies): readonly Copy[] =>
  SERVICES.flatMap((service) =>
    Array.from({ length: copies[service] }, (_, at) => {
      const name = at === 0 ? service : `${service}-${at + 1}`;
      return { name, service, mllp: service === 'intake' && at > 0 ? `${name}-mllp` : undefined };
    }),
  );
