import { Route, Routes } from 'react-router';
import { Live } from './live/live.js';
import { PatientPage } from './patient/patient-page.js';
import { Signed } from './session/session.js';
import { Shell } from './shell.js';
import { Worklist } from './worklist/worklist.js';
import { NotFound } from './not-found.js';

export const App = () => (
  <Signed>
    <Live>
      <Shell>
        <Routes>
          <Route path="/" element={<Worklist />} />
          <Route path="/patients/:id" element={<PatientPage />} />
          <Route path="*" element={<NotFound />} />
        </Routes>
      </Shell>
    </Live>
  </Signed>
);
