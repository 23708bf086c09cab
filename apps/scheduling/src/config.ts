/** This service needs nothing beyond the platform's own settings. */
export type Config = Readonly<Record<string, never>>;

export const readServiceConfig = (): Config => ({});
