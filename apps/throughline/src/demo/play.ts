import type { Instance } from '../home/home.js';
import { HttpApi } from '../commands/http-api.js';
import { send } from '../send/send.js';
import { messagesIn } from '../send/read-messages.js';
import { signDemoToken } from '../issuer/issuer-keys.js';
import { demoMessages, demoPrescriptions } from './ward.js';

/** Sends the demo ward over MLLP and REST, as a hospital would. Fails when any of it is not accepted. */
export const playDemo = async (home: string, instance: Instance, say: (line: string) => void): Promise<void> => {
  const now = new Date();
  const messages = messagesIn(Buffer.from(demoMessages(now).join('\r\n'), 'latin1'), 'the demo ward');
  say(`Demo ward: sending ${messages.length} admissions and discharges over MLLP ...`);
  const refused: string[] = [];
  const tally = await send(messages, { ...instance.mllp, connections: 1, timeoutMs: 30_000, persistMs: 30_000, say: (line) => refused.push(line) });
  if (tally.AA !== tally.sent) throw new Error(`the demo ward was not accepted: ${refused.join('; ')}`);
  const prescriptions = demoPrescriptions(now);
  say(`Demo ward: sending ${prescriptions.length} prescriptions over REST ...`);
  const http = new HttpApi(instance.url, await signDemoToken(home, instance.issuer, 'sender', 1));
  for (const prescription of prescriptions) await http.post('/api/intake/prescriptions', prescription, { 'idempotency-key': prescription.orderId });
};
