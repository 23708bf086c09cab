/** Values of one kind, filed under a person: a port that a service's `Tx` is made of. Never change one in place: put a new one. */
export interface Kept<Value> {
  /** All of the person's, under whichever of their ids each was filed. */
  of(patientId: string): Promise<readonly Value[]>;
  get(patientId: string, id: string): Promise<Value | undefined>;
  put(value: Value): void;
}
