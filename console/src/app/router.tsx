import { createBrowserRouter, Navigate } from 'react-router'
import { Broken, NotFound } from './notfound'
import { pages } from './pages'
import { Home, Line } from './shell'

export const router = createBrowserRouter([
  { path: '/', element: <Home />, errorElement: <Broken /> },
  {
    path: '/:biz',
    element: <Line />,
    errorElement: <Broken />,
    children: [
      { index: true, element: <Navigate to="overview" replace /> },
      ...pages.flatMap((p) => p.routes),
      { path: '*', element: <NotFound /> },
    ],
  },
])
