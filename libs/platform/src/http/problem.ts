export interface FieldError {
  /** Path of the field in the body or query, `patient.identifiers[0].value`. */
  readonly field: string;
  /** What was wrong and what to do; never the value itself. */
  readonly detail: string;
}

/** RFC 9457 problem details as they leave: `application/problem+json`. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  /** Names this request in the logs. */
  readonly correlationId?: string;
}

/** Thrown by adapters; use-cases throw `Refused` and know nothing of HTTP. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: number,
    /** Last part of the type URI, `urn:throughline:problem:<code>`. */
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly errors?: readonly FieldError[],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${code}: ${detail}`);
  }
}

export const details = (problem: Problem, correlationId?: string): ProblemDetails => ({
  type: `urn:throughline:problem:${problem.code}`,
  title: problem.title,
  status: problem.status,
  detail: problem.detail,
  ...(problem.errors?.length ? { errors: problem.errors } : {}),
  ...(correlationId ? { correlationId } : {}),
});

/** `notFound('task')`: 404. Says the kind, never the id back. */
export const notFound = (kind: string): Problem =>
  new Problem(404, 'not-found', 'Not found', `There is no such ${kind}. Check the id, or read the list again.`);

export const badField = (field: string, detail: string): Problem =>
  new Problem(400, 'invalid', 'The request is not valid', `Correct the field ${field} and send the request again.`, [{ field, detail }]);

export const invalidFields = (errors: readonly FieldError[]): Problem =>
  new Problem(
    400,
    'invalid',
    'The request is not valid',
    `Correct ${errors.length === 1 ? `the field ${errors[0]!.field}` : `the ${errors.length} fields listed`} and send the request again.`,
    errors,
  );

export const staleVersion = (): Problem =>
  new Problem(412, 'stale-version', 'Changed by someone else', 'It has changed since you read it. Read it again, check your change, and send its new ETag in If-Match.');

export const preconditionRequired = (): Problem =>
  new Problem(428, 'precondition-required', 'If-Match is required', 'Send the ETag of what you read in If-Match, for example If-Match: "3".');
