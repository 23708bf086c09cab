/** Injection token of the protocols and calendars in use. */
export const REFERENCE = Symbol('care-plan:reference');

/** Injection token: how many hours a late task can be put aside at most. */
export const SNOOZE_HOURS = Symbol('care-plan:snooze-hours');
