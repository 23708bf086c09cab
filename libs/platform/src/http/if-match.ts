import { badField, preconditionRequired, staleVersion } from './problem.js';

export const etagOf = (version: number): string => `"${version}"`;

/** `If-Match: "3"` -> 3; absent -> undefined; anything else (a list, a weak tag, `*`) is a 400: a change has to name the version it was made on. */
export const readIfMatch = (header: string | undefined): number | undefined => {
  if (header === undefined) return undefined;
  const match = /^"(\d{1,15})"$/.exec(header.trim());
  if (!match) throw badField('If-Match', 'has to be the ETag of what you read, for example "3" with its quotation marks');
  return Number(match[1]);
};

/** Inside the transaction, after the row is read again: 428 without If-Match, 412 when the row has moved on. */
export const requireVersion = (command: { readonly ifMatch?: number | undefined }, current: number): void => {
  if (command.ifMatch === undefined) throw preconditionRequired();
  if (command.ifMatch !== current) throw staleVersion();
};
