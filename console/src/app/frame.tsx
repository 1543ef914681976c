import { createBrowserRouter, Navigate, RouterProvider } from 'react-router'
import { Home } from './home'
import { Broken, NotFound } from './notfound'
import { pages } from './pages'
import { Line } from './shell'

const router = createBrowserRouter([
  { path: '/', element: <Home />, errorElement: <Broken /> },
  {
    path: '/:biz',
    element: <Line />,
    errorElement: <Broken />,
    children: [
      {
        errorElement: <Broken />, // within the frame: the way to the other pages stays
        children: [{ index: true, element: <Navigate to="overview" replace /> }, ...pages.flatMap((p) => p.routes), { path: '*', element: <NotFound /> }],
      },
    ],
  },
])

/** Everything that those who are signed in see. */
export function Frame() {
  return <RouterProvider router={router} />
}
