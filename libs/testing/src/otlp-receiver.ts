import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  /** 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Pick<ReceivedSpan, 'name' | 'kind' | 'traceId' | 'spanId'> & { parentSpanId?: string; links?: ReceivedSpan['links']; attributes?: readonly KeyValue[]; status?: { code?: number } })[];
    }[];
  }[];
}

const valuesOf = (attributes: readonly KeyValue[] = []): Record<string, unknown> => Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

const spansOf = (text: string): ReceivedSpan[] =>
  (JSON.parse(text) as Export).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, kind, traceId, spanId, parentSpanId, links = [], attributes, status }) => ({
        service: String(valuesOf(resource.attributes)['service.name']),
        name, kind, traceId, spanId, links,
        parentSpanId: parentSpanId || undefined,
        attributes: valuesOf(attributes),
        failed: status?.code === 2,
      })),
    ),
  );

/** What a collector is to whoever sends traces: takes OTLP over HTTP, and keeps all of it. Spans are read from JSON only. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  readonly bodies: string[] = [];
  readonly contentTypes: string[] = [];

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(): Promise<OtlpReceiver> {
    let receiver: OtlpReceiver | undefined;
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        receiver!.#take(request.headers['content-type'] ?? '', Buffer.concat(chunks).toString('latin1'), request.url ?? '');
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return (receiver = new OtlpReceiver(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server));
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(() => done()));
  }

  #take(contentType: string, body: string, path: string): void {
    this.contentTypes.push(contentType);
    this.bodies.push(body);
    if (path === '/v1/traces' && contentType.startsWith('application/json')) this.spans.push(...spansOf(body));
  }
}
