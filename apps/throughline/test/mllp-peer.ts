import { createServer, type Server, type Socket } from 'node:net';

export interface MllpPeer {
  readonly port: number;
  /** Every message that came, in order of arrival, as text. */
  readonly messages: string[];
  stop(): Promise<void>;
}

/** What to do with the n-th message (from 0): an acknowledgement code, silence, or hanging up without an answer. */
export type Behaviour = (message: string, n: number) => 'AA' | 'AE' | 'AR' | 'CA' | 'XX' | 'wrong id' | 'silence' | 'hang up';

/** A real TCP peer that speaks MLLP. */
export const mllpPeer = async (behave: Behaviour = () => 'AA'): Promise<MllpPeer> => {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\x1c\r'); end !== -1; end = text.indexOf('\x1c\r')) {
        const message = text.slice(text.indexOf('\x0b') + 1, end);
        text = text.slice(end + 2);
        const code = behave(message, messages.push(message) - 1);
        if (code === 'silence') return;
        if (code === 'hang up') return void socket.destroy();
        const id = code === 'wrong id' ? 'another' : (message.split('|')[9] ?? '');
        const answer = `\x0bMSH|^~\\&|A|B|C|D|20260101||ACK^A03^ACK|1|P|2.5.1\rMSA|${code === 'wrong id' ? 'AA' : code}|${id}|because\r\x1c\r`;
        // In two pieces: an answer is whole when its frame is.
        socket.write(answer.slice(0, 20), 'latin1');
        setImmediate(() => socket.write(answer.slice(20), 'latin1'));
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as { port: number }).port,
    messages,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((done) => server.close(() => done()));
    },
  };
};
