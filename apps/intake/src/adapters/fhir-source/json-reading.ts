/** What came as JSON from elsewhere: of any shape. */
export type Json = Readonly<Record<string, unknown>>;

export const record = (value: unknown): Json | undefined => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined);
export const records = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(record).filter((one) => one !== undefined) : []);
export const text = (value: unknown): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined);
