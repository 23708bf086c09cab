/** SNOMED CT: no known allergy; of drugs, of food, of the environment, of insect bites, of animals, of latex; and the code that the first replaced. */
const CODES: readonly string[] = ['716186003', '409137002', '429625007', '428607008', '428197003', '716220001', '716184000', '160244002'];

/** The code says that nothing is known that the patient must not have. */
export const saysNoneKnown = (code: string | undefined): boolean => CODES.includes(code ?? '');
