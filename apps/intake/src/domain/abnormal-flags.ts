/** HL7 table 0078 (FHIR: ObservationInterpretation), gravest first. A code that is not in it stands between what is abnormal and what is not. */
const GRAVEST: readonly string[] = ['LL', 'HH', 'AA', '<', '>', 'LU', 'HU', 'L', 'H', 'A', 'POS', 'DET', 'ABN', 'IND', 'R', 'I', 'D', 'U', 'W', 'B'];
const HARMLESS: readonly string[] = ['MS', 'VS', 'S', 'ND', 'NEG', 'N'];

const gravity = (flag: string): number => {
  const harmless = HARMLESS.indexOf(flag);
  if (harmless >= 0) return GRAVEST.length + 1 + harmless;
  const grave = GRAVEST.indexOf(flag);
  return grave >= 0 ? grave : GRAVEST.length;
};

/** The gravest of the flags of a result, as it was sent; undefined where there is none. */
export const gravest = (flags: readonly string[]): string | undefined =>
  flags.filter((flag) => flag !== '').sort((a, b) => gravity(a.toUpperCase()) - gravity(b.toUpperCase()))[0];
