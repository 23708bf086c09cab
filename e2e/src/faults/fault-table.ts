import { brokers } from './brokers.js';
import { clocks } from './clock.js';
import { cuts } from './cuts.js';
import type { Fault } from './fault.js';
import { freezes } from './freezes.js';
import { kills } from './kills.js';
import { mllpSenders } from './mllp-senders.js';
import { poison } from './poison.js';
import { olderCopies } from './put-back.js';
import { restarts } from './restarts.js';
import { slowDisk } from './slow-disk.js';
import { smallDisk } from './small-disk.js';
import { topicsLost } from './topics-lost.js';

/** Every row of the table that `npm run faults` prints. */
export const faults: readonly Fault[] = [...kills, ...poison, ...mllpSenders, ...topicsLost, ...olderCopies, ...cuts, ...slowDisk, ...clocks, ...freezes, ...restarts, ...brokers, ...smallDisk];
