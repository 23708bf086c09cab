/** Somebody who works with the tasks. */
export interface Colleague {
  /** `sub` of their token. */
  readonly sub: string;
  readonly name: string;
  readonly roles: readonly string[];
}

/**
 * Whom a task can be given to. No issuer lists its people to us, so it is whoever opened the worklist lately: a task given to
 * a name that is spelt wrong, or to somebody who left, would be on nobody's list.
 */
export interface Colleagues {
  seen(colleague: Colleague): Promise<void>;
  find(sub: string): Promise<Colleague | undefined>;
  /** By name, after `[name, sub]`. */
  list(after: readonly (string | number | null)[] | undefined, limit: number): Promise<readonly Colleague[]>;
}

export const COLLEAGUES = Symbol('care-plan:colleagues');
