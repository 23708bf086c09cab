import * as z from 'zod';

/** The kinds of value that settings have, each read from text. Add `.default(...)` or `.optional()` where it may be missing. */

export const text = z.string().min(1);

export const port = z
  .string()
  .regex(/^\d{1,5}$/, 'not a whole number')
  .transform(Number)
  .refine((n) => n <= 65_535, 'above 65535');

/** A whole number within bounds, both included. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, 'not a whole number')
    .transform(Number)
    .refine((n) => n >= min && n <= max, `not from ${min} to ${max}`);

/** `true` or `false`, nothing else: a typing error must not turn a protection off. */
export const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

export const url = (...schemes: readonly string[]) =>
  z.string().refine((value) => {
    try {
      return schemes.includes(new URL(value).protocol.replace(/:$/, ''));
    } catch {
      return false;
    }
  }, `not a URL beginning with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`);

/** One URL or several, separated by commas. */
export const urlList = (...schemes: readonly string[]) =>
  z
    .string()
    .transform((value) => value.split(',').map((part) => part.trim()).filter((part) => part !== ''))
    .pipe(z.array(url(...schemes)).min(1));

const hostAndPort = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/;

/** `host:port,host:port`, at least one. */
export const brokerList = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim()).filter((part) => part !== ''))
  .refine((brokers) => brokers.length > 0 && brokers.every((broker) => hostAndPort.test(broker)), 'not a list of host:port');

/** An IANA time zone that this Node knows. */
export const timeZone = z.string().refine((zone) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}, 'not an IANA time zone');
