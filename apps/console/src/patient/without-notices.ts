/** Facts that change without a notice about a task: they are read again while the page is open. */
export const withoutNotices = { refetchInterval: 5_000 } as const;
