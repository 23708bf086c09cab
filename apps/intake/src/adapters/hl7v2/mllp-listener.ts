import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { MllpConnection, type Answer, type ConnectionLimits } from './mllp-connection.js';

export interface ListenerOptions extends ConnectionLimits {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly maxConnections: number;
  readonly tls?: Pick<TlsOptions, 'key' | 'cert' | 'ca' | 'requestCert' | 'rejectUnauthorized'> | undefined;
}

export interface ListenerEvents {
  /** A peer was cut off, with the code of why. */
  readonly refused: (why: string) => void;
  /** The listening socket itself failed. */
  readonly failed: (error: Error) => void;
}

/** Listens for MLLP senders, over TCP or TLS. */
export class MllpListener {
  readonly #connections = new Set<MllpConnection>();
  readonly #server: Server;

  constructor(
    private readonly options: ListenerOptions,
    answer: Answer,
    events: ListenerEvents,
  ) {
    const accept = (socket: Socket): void => {
      const connection = new MllpConnection(socket, options, answer, events.refused);
      this.#connections.add(connection);
      socket.on('close', () => this.#connections.delete(connection));
    };
    // Half-open: a sender that ends its side after the last message still waits for the answer.
    this.#server = options.tls
      ? createTlsServer({ ...options.tls, allowHalfOpen: true, handshakeTimeout: 10_000 }, accept)
      : createServer({ allowHalfOpen: true }, accept);
    this.#server.maxConnections = options.maxConnections;
    this.#server.on('drop', () => events.refused('too-many-connections'));
    this.#server.on('tlsClientError', (_error, socket: Socket) => {
      events.refused('tls');
      socket.destroy();
    });
    this.#server.on('error', events.failed);
  }

  get listening(): boolean {
    return this.#server.listening;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** The port it got. Rejects when the port is taken. */
  async start(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.options.port, this.options.host, () => {
        this.#server.removeListener('error', reject);
        resolve();
      });
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes nothing new, answers what has arrived whole, closes every connection. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => (this.#server.listening ? this.#server.close(() => resolve()) : resolve()));
    await Promise.all([...this.#connections].map((connection) => connection.stop()));
    await closed;
  }
}
