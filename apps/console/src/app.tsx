import { Navigate, Route, Routes } from 'react-router';
import { Duplicates } from './duplicates/duplicates.js';
import { Live } from './live/live.js';
import { Operations } from './operations/operations.js';
import { PatientPage } from './patient/patient-page.js';
import { ReferPatient } from './referral/refer-patient.js';
import { Signed, useMayFollow } from './session/session.js';
import { Shell } from './shell.js';
import { Worklist } from './worklist/worklist.js';
import { NotFound } from './not-found.js';

/** Who looks after the system sees no patient, and begins where there is something for them. */
const Home = () => (useMayFollow() ? <Worklist /> : <Navigate to="/operations" replace />);

export const App = () => (
  <Signed>
    <Live>
      <Shell>
        <Routes>
          <Route path="/" element={<Home />} />
          <Route path="/patients/:id" element={<PatientPage />} />
          <Route path="/refer" element={<ReferPatient />} />
          <Route path="/duplicates" element={<Duplicates />} />
          <Route path="/operations" element={<Operations />} />
          <Route path="*" element={<NotFound />} />
        </Routes>
      </Shell>
    </Live>
  </Signed>
);
