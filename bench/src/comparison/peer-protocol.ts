import type { ServiceWork } from '../work/work.js';

/** What the driver and the five processes of a pipeline it compares with say to each other. */
export interface PeerSetup {
  readonly work: ServiceWork;
  readonly schema: string;
  /** The topic it publishes on. */
  readonly topic: string;
  /** The topics it reads, in the order of `work.reads`, and how many messages a discharge brings onto each. */
  readonly reads: readonly { readonly topic: string; readonly messages: number }[];
  readonly databaseUrl: string;
  readonly brokers: string;
  /** Session settings of its connections: the same as the service's. */
  readonly sessionOptions: string;
}

export type PeerOrder =
  | { readonly do: 'prepare'; readonly setup: PeerSetup }
  /** Answered when it has written and published all that so many more discharges stand for. */
  | { readonly do: 'go'; readonly discharges: number }
  | { readonly do: 'end' };

export type FromPeer = { readonly done: PeerOrder['do'] } | { readonly error: string };

/** A pipeline's part in one service. */
export interface Peer {
  go(discharges: number): Promise<void>;
  end(): Promise<void>;
}

/** Serves the orders of whoever started this process, and leaves when they are gone. */
export const serve = (prepare: (setup: PeerSetup) => Promise<Peer>): void => {
  let peer: Peer | undefined;
  const obey = async (order: PeerOrder): Promise<void> => {
    if (order.do === 'prepare') peer = await prepare(order.setup);
    else if (order.do === 'go') await peer?.go(order.discharges);
    else await peer?.end();
  };
  const tell = (message: FromPeer): void => void (process.connected && process.send?.(message));
  process.on('message', (order: PeerOrder) => {
    obey(order).then(
      () => tell({ done: order.do }),
      (error: unknown) => tell({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
  // The terminal's Ctrl-C reaches everyone; the driver decides.
  process.on('SIGINT', () => undefined);
};
