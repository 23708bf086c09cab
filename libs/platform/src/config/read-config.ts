import { inspect } from 'node:util';
import type * as z from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One thing that is wrong with the environment: which variable, what is wrong with it, what to do. Never holds a secret's value. */
export interface ConfigProblem {
  readonly variable: string;
  readonly wrong: string;
  readonly remedy: string;
}

/** Every problem at once, so that a start fails once and not once per variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** Its message may be logged: secrets' values are never in it. */
  readonly loggable = true;
  constructor(readonly problems: readonly ConfigProblem[]) {
    super(['The configuration is not usable:', ...problems.map((p) => `  ${p.variable}: ${p.wrong}. ${p.remedy}`)].join('\n'));
  }
}

export interface Setting<T> {
  /** Names in order of preference: the service's own before the common one. */
  readonly variables: readonly string[];
  readonly schema: z.ZodType<T>;
  /** What to set it to, for the person who reads the error: "Set it to a port from 0 to 65535." */
  readonly remedy: string;
  readonly secret: boolean;
}

/**
 * A setting read from the first of these variables that is set; an empty string counts as not set. Whether it may be
 * missing is the schema's word (`.optional()`, `.default(...)`).
 */
export const setting = <T>(
  variables: string | readonly string[],
  schema: z.ZodType<T>,
  remedy: string,
): Setting<T> => ({ variables: typeof variables === 'string' ? [variables] : variables, schema, remedy, secret: false });

/** A setting whose value is printed nowhere: not in errors, not by `inspect`, not by `JSON.stringify`. */
export const secret = <T>(variables: string | readonly string[], schema: z.ZodType<T>, remedy: string): Setting<T> => ({
  ...setting(variables, schema, remedy),
  secret: true,
});

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a setting is read only, so any value type fits
export type Settings = Readonly<Record<string, Setting<any>>>;
export type ConfigOf<S extends Settings> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/** Freezes a config that shows `shown` instead of itself wherever it is printed. */
export const concealed = <T extends object>(config: T, shown: unknown): T =>
  Object.freeze(
    Object.defineProperties(config, {
      toJSON: { value: () => shown, enumerable: false },
      [inspect.custom]: { value: () => shown, enumerable: false },
    }),
  );

const issueOf = (issue: z.core.$ZodIssue): string =>
  issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;

const problemOf = (one: Setting<unknown>, error: z.ZodError, found: string | undefined, raw: string | undefined): ConfigProblem => {
  const variable = found ?? one.variables[0] ?? '';
  const others = one.variables.slice(1).map((other) => `, nor is ${other}`).join('');
  if (raw === undefined) return { variable, wrong: `it is not set${others}`, remedy: one.remedy };
  const value = one.secret ? 'its value' : `"${raw.slice(0, 120)}"`;
  // A custom check's message may quote the value, so a secret's says no more than that it is wrong.
  const why = one.secret ? '' : `: ${error.issues.map(issueOf).join('; ')}`;
  return { variable, wrong: `${value} cannot be used${why}`, remedy: one.remedy };
};

/** Names what does not fit together though each value is right. */
export type Check<S extends Settings> = (config: ConfigOf<S>) => readonly ConfigProblem[];

const UNKNOWN = Symbol('a setting whose value is wrong');

/** A check that asks for a wrong value has nothing to say: that value's own problem is listed already. */
const checked = <S extends Settings>(check: Check<S>, values: object, wrong: ReadonlySet<string>): readonly ConfigProblem[] => {
  const config = new Proxy(values, {
    get: (target, name): unknown => {
      if (typeof name === 'string' && wrong.has(name)) throw UNKNOWN;
      return Reflect.get(target, name);
    },
  });
  try {
    return check(config as ConfigOf<S>);
  } catch (error) {
    if (error === UNKNOWN) return [];
    throw error;
  }
};

/**
 * Environment -> typed, frozen config. Each check names one thing that does not fit together; it is left out when a value that
 * it looks at is wrong, so the more there are, the more is told at once.
 * @throws ConfigError listing every problem
 */
export const readConfig = <S extends Settings>(settings: S, env: Environment, ...checks: readonly Check<S>[]): ConfigOf<S> => {
  const values: Record<string, unknown> = {};
  const shown: Record<string, unknown> = {};
  const wrong = new Set<string>();
  const problems: ConfigProblem[] = [];
  for (const [name, one] of Object.entries(settings)) {
    const found = one.variables.find((variable) => env[variable]?.trim());
    const raw = found === undefined ? undefined : env[found]?.trim();
    const read = one.schema.safeParse(raw);
    if (!read.success) {
      problems.push(problemOf(one, read.error, found, raw));
      wrong.add(name);
      continue;
    }
    values[name] = read.data;
    shown[name] = one.secret && read.data !== undefined ? '[secret]' : read.data;
  }
  problems.push(...checks.flatMap((check) => checked(check, values, wrong)));
  if (problems.length > 0) throw new ConfigError(problems);
  return concealed(values, shown) as ConfigOf<S>;
};

/**
 * Several configs of one start. What two of them complain of alike is told once.
 * @throws ConfigError listing every problem of every one
 */
export const readTogether = <T extends readonly unknown[]>(...reads: { readonly [K in keyof T]: () => T[K] }): T => {
  const problems = new Map<string, ConfigProblem>();
  const read = reads.map((one) => {
    try {
      return one();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) problems.set(JSON.stringify(problem), problem);
      return undefined;
    }
  });
  if (problems.size > 0) throw new ConfigError([...problems.values()]);
  return read as unknown as T;
};
