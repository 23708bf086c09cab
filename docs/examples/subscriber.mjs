// Follows Throughline's numbered stream and prints one JSON line per notice. Plain Node.js 20 or newer, nothing to install.
//   THROUGHLINE_TOKEN=... node subscriber.mjs [http://127.0.0.1:7400] [file that keeps the last number]
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const [url = 'http://127.0.0.1:7400', kept = 'last-notice'] = process.argv.slice(2);
let last = existsSync(kept) ? readFileSync(kept, 'utf8') : '0';

/** Your work goes here. After a crash between it and the line that keeps the number, it gets the same notice once more. */
const handle = (notice) => console.log(JSON.stringify(notice));

const follow = async () => {
  const headers = { authorization: `Bearer ${process.env.THROUGHLINE_TOKEN}`, accept: 'text/event-stream', 'last-event-id': last };
  const answer = await fetch(`${url}/api/notification/stream`, { headers });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`, { cause: answer.status });
  let text = '';
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    const events = (text + chunk).split('\n\n');
    text = events.pop();
    for (const event of events) {
      const field = (name) => event.match(new RegExp(`^${name}: (.*)$`, 'm'))?.[1];
      if (!field('id')) continue; // `retry`, or a comment such as the heartbeat
      if (field('event') === 'reset') console.error('The numbers begin anew: read the lists again.');
      else handle(JSON.parse(field('data')));
      writeFileSync(kept, (last = field('id')));
    }
  }
};

for (;;) {
  // The server ends a stream after an hour, and when it stops: both are no error, one comes back where one was.
  await follow().catch((error) => {
    console.error(error.message);
    if ([401, 403].includes(error.cause)) process.exit(1); // another try needs another token
  });
  await new Promise((again) => setTimeout(again, 2_000));
}
