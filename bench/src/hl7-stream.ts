/**
 * Cuts a file into its messages: each begins at a line that starts with MSH. MLLP frame bytes, byte order marks and blank
 * lines between messages are dropped; the message's own terminators are kept as they are.
 */
export const messagesOf = (file: Buffer): readonly Buffer[] => {
  const text = file.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '').replaceAll(/[\u000b\u001c]/g, '');
  const starts = [...text.matchAll(/(?<=^|[\r\n])[ \t]*MSH/g)].map((match) => match.index);
  return starts.map((start, index) => Buffer.from(text.slice(start, starts[index + 1] ?? text.length).replace(/[\r\n]+$/, '\r'), 'latin1'));
};
