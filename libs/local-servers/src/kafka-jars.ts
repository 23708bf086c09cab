import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

export const KAFKA_VERSION = '4.3.1';
const POM = join(import.meta.dirname, '..', '..', '..', 'infra', 'kafka', 'pom.xml');
const INSTALL_JAVA = 'Debian, Ubuntu: `apt-get install default-jre-headless`; macOS: `brew install openjdk@17`';

const javaProblem = (): string | undefined => {
  const found = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (found.error) return `java was not found: Kafka ${KAFKA_VERSION} needs Java 17 or newer (${INSTALL_JAVA})`;
  const major = Number(/version "(\d+)/.exec(found.stderr)?.[1] ?? 0);
  return major >= 17 ? undefined : `java is version ${major || 'unknown'}: Kafka ${KAFKA_VERSION} needs Java 17 or newer (${INSTALL_JAVA})`;
};

const mavenProblem = (): string | undefined =>
  spawnSync('mvn', ['-v']).error ? 'mvn was not found: Maven fetches the jars of Kafka (Debian, Ubuntu: `apt-get install maven`; macOS: `brew install maven`)' : undefined;

export const defaultKafkaCache = (): string => join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'throughline', `kafka-${KAFKA_VERSION}`);

const stamp = (): string => createHash('sha256').update(readFileSync(POM)).digest('hex');
const isComplete = (cache: string): boolean => existsSync(join(cache, 'complete')) && readFileSync(join(cache, 'complete'), 'utf8') === stamp();

/** Whether a Kafka can be started here, and what to install when not. */
export const kafkaProblem = (cache = defaultKafkaCache()): string | undefined => javaProblem() ?? (isComplete(cache) ? undefined : mavenProblem());

/** The folder of Kafka's jars, fetched from Maven Central on first use (45 MB) and kept outside the repository. */
export const kafkaJars = async (cache = defaultKafkaCache(), progress: (line: string) => void = () => undefined): Promise<string> => {
  const problem = kafkaProblem(cache);
  if (problem) throw new Error(problem);
  if (isComplete(cache)) return cache;
  progress(`Kafka ${KAFKA_VERSION}: fetching its jars from Maven Central (once, 45 MB)`);
  mkdirSync(dirname(cache), { recursive: true });
  const fresh = mkdtempSync(`${cache}-`);
  try {
    await promisify(execFile)('mvn', ['-q', '-B', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${fresh}`, '-DincludeScope=runtime'], { maxBuffer: 16_000_000 });
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`Maven could not fetch Kafka ${KAFKA_VERSION}:\n${`${stdout}${stderr}`.trim() || (error as Error).message}`);
  }
  writeFileSync(join(fresh, 'complete'), stamp());
  if (!isComplete(cache)) {
    rmSync(cache, { recursive: true, force: true });
    try {
      renameSync(fresh, cache);
    } catch (error) {
      if (!isComplete(cache)) throw error;
    }
  }
  rmSync(fresh, { recursive: true, force: true });
  return cache;
};
