import { type Command, Option } from 'commander';
import { Complaint, runningInstance } from '../home/home.js';
import { ROLES, type Role } from '../issuer/demo-users.js';
import { signDemoToken } from '../issuer/issuer-keys.js';
import { homeFrom, wholeNumber, withHome } from './home-option.js';

export const tokenCommand = (program: Command): void => {
  withHome(program.command('token').description('print a bearer token of a demo user (embedded issuer only); the last line is the token alone'))
    .addOption(new Option('--as <role>', 'whose token').choices(ROLES).makeOptionMandatory())
    .option('--hours <n>', 'how long it is valid', wholeNumber, 12)
    .action(async (options: { home?: string; as: Role; hours: number }) => {
      const home = homeFrom(options.home);
      const { issuer } = runningInstance(home);
      if (issuer.kind === 'external') throw new Complaint(`The instance at ${home} uses the issuer ${issuer.url}, which is not ours: get a token with the role ${options.as} from there.`);
      console.log(await signDemoToken(home, issuer, options.as, options.hours));
    });
};
