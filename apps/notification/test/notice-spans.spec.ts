import { FixedClock } from '@throughline/testing/fixed-clock';
import { RecordedTraces } from '@throughline/testing/recorded-traces';
import { NoticeSpans } from '../src/adapters/http/notice-spans.js';
import { eventOf } from '../src/adapters/http/notice-stream.js';
import { noticeView } from '../src/adapters/http/views.js';
import type { NumberedNotice } from '../src/application/ports.js';

const NOW = '2026-03-04T22:00:00.000Z';
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const notice = (number: number, more: Partial<NumberedNotice> = {}): NumberedNotice => ({
  id: `n${number}`, type: 'care.task.opened.v1', at: NOW, taskId: 't', episodeId: 'e', dischargeId: 'd', patientId: 'p', status: 'open', dueAt: NOW, label: 'Reach the patient', team: 'transitions',
  backdated: false, correlationId: '216e1483-0000-5000-8000-000000000001', number, traceparent: TRACE, ...more,
});

describe('the span of a notice that goes out', () => {
  let traces: RecordedTraces;
  let spans: NoticeSpans;
  beforeEach(() => {
    traces = new RecordedTraces();
    spans = new NoticeSpans(traces, new FixedClock(NOW));
  });

  it('goes on from where the notice was made, and says nothing of the patient', () => {
    const end = spans.deliver([notice(1)]);
    expect(traces.spans).toMatchObject([{ name: 'send stream', kind: 'producer', parent: TRACE, ended: false, attributes: { 'throughline.notice_number': 1, 'cloudevents.event_type': 'care.task.opened.v1' } }]);
    expect(Object.values(traces.spans[0]!.attributes)).not.toEqual(expect.arrayContaining(['p', 'Reach the patient']));
    end();
    expect(traces.spans[0]!.ended).toBe(true);
  });

  it('is made once, however many clients are told', () => {
    spans.deliver([notice(1), notice(2)])();
    spans.deliver([notice(1), notice(2), notice(3)])();
    spans.deliver([notice(2)])();
    expect(traces.spans.map((span) => span.attributes['throughline.notice_number'])).toEqual([1, 2, 3]);
  });

  it('is not made for who catches up, nor where no trace was', () => {
    spans.deliver([notice(1, { at: '2026-03-04T21:00:00.000Z' }), notice(2, { traceparent: undefined })])();
    expect(traces.spans).toEqual([]);
  });

  it('is our own affair: no reader of notices is shown where it stands in a trace', () => {
    expect(eventOf(notice(7))).not.toContain('traceparent');
    expect(noticeView(notice(7))).not.toHaveProperty('traceparent');
  });
});
