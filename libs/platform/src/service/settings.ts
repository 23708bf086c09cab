import type { Service } from '@throughline/contracts/define-event';
import type { PlatformConfig } from '../config/platform-config.js';
import { readTogether, type Environment } from '../config/read-config.js';
import { platformConfig } from '../config/read-platform-config.js';
import type { ServiceDefinition } from './definition.js';

/**
 * Everything a service reads from its environment: the platform's part and its own.
 * @throws ConfigError listing every problem of both
 */
export const readSettings = <S extends Service, Tx, Config>(definition: ServiceDefinition<S, Tx, Config>, env: Environment): readonly [PlatformConfig, Config] =>
  readTogether<readonly [PlatformConfig, Config]>(
    () => platformConfig(definition.name, env),
    () => definition.config(env),
  );
