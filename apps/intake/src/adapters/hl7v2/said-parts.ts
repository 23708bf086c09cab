/** A part of our words, or nothing where the message says nothing: not there, empty, or HL7's explicit `""`. */
export const said = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } => (value === undefined || value === '' || value === '""' ? {} : { [key]: value }) as { [P in K]?: V };
