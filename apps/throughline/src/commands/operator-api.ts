import { SERVICES } from '@throughline/contracts/define-event';
import { Complaint } from '../home/home.js';
import { isService } from '../services.js';
import { homeFrom, instanceAs } from './home-option.js';
import { HttpApi } from './http-api.js';

/** The running instance's HTTP interface, asked as an operator. */
export const operatorApi = async (flags: { home?: string }): Promise<HttpApi> => {
  const { instance, token } = await instanceAs(homeFrom(flags.home), 'operator');
  return new HttpApi(instance.url, token);
};

export const knownService = (service: string): string => {
  if (!isService(service)) throw new Complaint(`There is no service ${service}. They are: ${SERVICES.join(', ')}.`);
  return service;
};
