/**
 * What a controller returns when the status or the version matters: the platform sets the status, `ETag: "<version>"`, and
 * `Idempotency-Replayed: true` when the answer is the stored one of an earlier request. A plain value is a 200 (POST: 201).
 */
export class Answer<Body = unknown> {
  constructor(
    readonly body: Body,
    readonly options: { readonly status?: number; readonly version?: number; readonly replayed?: boolean } = {},
  ) {}
}

export const answer = <Body>(body: Body, options: { readonly status?: number; readonly version?: number } = {}): Answer<Body> => new Answer(body, options);
