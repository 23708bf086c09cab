import { ingressOf, readIntakeConfig } from './config.js';

const read = (more: Record<string, string>) => readIntakeConfig({ THROUGHLINE_NAMESPACE_SECRET: 'a secret of the tests', ...more });
const EMBEDDED = { THROUGHLINE_BUS: 'embedded' };
const TOPIC = 'THROUGHLINE_INGRESS_TOPIC';

describe('where events come in', () => {
  it.each([
    ['with Kafka, without a word', { THROUGHLINE_BUS: 'kafka' }, { topic: 'ingress', answers: 'ingress-answers' }],
    ['in the distributed mode', { THROUGHLINE_MODE: 'distributed' }, { topic: 'ingress', answers: 'ingress-answers' }],
    ['on topics of other names', { [TOPIC]: 'hospital-in', THROUGHLINE_INGRESS_ANSWERS_TOPIC: 'hospital-out' }, { topic: 'hospital-in', answers: 'hospital-out' }],
    ['switched off', { [TOPIC]: 'off' }, undefined],
    ['with the embedded bus', EMBEDDED, undefined],
    ['in the embedded mode', { THROUGHLINE_MODE: 'embedded' }, undefined],
    ['switched off with the embedded bus', { ...EMBEDDED, [TOPIC]: 'off' }, undefined],
  ])('%s', (_what, more, topics) => expect(ingressOf(read(more))).toEqual(topics));

  it.each([
    ['a topic that nobody could write to', { ...EMBEDDED, [TOPIC]: 'ingress' }, /no Kafka/],
    ["a service's topic", { [TOPIC]: 'intake' }, /another use/],
    ['one topic for both', { [TOPIC]: 'ingress-answers' }, /another use/],
    ['no name of a topic', { [TOPIC]: 'in gress' }, /not the name/],
  ])('%s stops the start', (_what, more, says) => expect(() => read(more)).toThrow(says));
});
