import { createTheme, type CSSVariablesResolver } from '@mantine/core';

/** Calm and dense: a coordinator reads this list all day. Colours keep 4.5:1 on their grounds. */
export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 9, dark: 4 },
  autoContrast: true,
  defaultRadius: 'sm',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  headings: { fontWeight: '600' },
  cursorType: 'pointer',
  respectReducedMotion: true,
});

/** The library's own dimmed and light tones are too pale for small text on white. */
export const readable: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-anchor': '#056247',
    '--mantine-color-error': '#c92a2a',
    '--mantine-color-dimmed': '#495057',
    '--mantine-color-placeholder': '#5c636a',
    '--mantine-color-teal-light-color': '#065f46',
    '--mantine-color-teal-filled-hover': '#065f46',
    '--mantine-primary-color-filled-hover': '#065f46',
    '--mantine-color-orange-light-color': '#8a3b00',
    '--mantine-color-gray-light-color': '#343a40',
    '--mantine-color-red-light-color': '#a61e1e',
    '--mantine-color-red-filled': '#c92a2a',
  },
  dark: {
    '--mantine-color-error': '#ff8787',
    '--mantine-color-dimmed': '#adb5bd',
    '--mantine-color-placeholder': '#adb5bd',
    // White stands on what is filled here too.
    '--mantine-color-teal-filled': '#087f5b',
    '--mantine-color-teal-filled-hover': '#065f46',
    '--mantine-primary-color-filled': '#087f5b',
    '--mantine-primary-color-filled-hover': '#065f46',
    '--mantine-color-red-filled': '#c92a2a',
  },
});
