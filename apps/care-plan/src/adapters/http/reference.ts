/** Injection token of the protocols and calendars in use. */
export const REFERENCE = Symbol('care-plan:reference');
