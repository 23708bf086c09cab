import { Catch } from '@nestjs/common';
import type { Problem } from '@throughline/platform/http/problem';
import { ProblemFilter } from '@throughline/platform/http/problem.filter';
import type { FastifyRequest } from 'fastify';
import { ofProblem } from './operation-outcome.js';

const BELOW_FHIR = /^\/fhir(?:[/?]|$)/;

/** Below /fhir every error is an OperationOutcome: of the guard, of the body's reading, of an address that there is not. */
@Catch()
export class FhirErrors extends ProblemFilter {
  protected override told(problem: Problem, request: FastifyRequest, correlationId: string | undefined): ReturnType<ProblemFilter['told']> {
    return BELOW_FHIR.test(request.url) ? { type: 'application/fhir+json', body: ofProblem(problem) } : super.told(problem, request, correlationId);
  }
}
