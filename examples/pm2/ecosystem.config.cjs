/**
 * pm2 start ecosystem.config.cjs
 *
 * One process: the store lives in it. PM2 sends SIGINT to stop it, and waits for the last snapshot.
 */
module.exports = {
  apps: [
    {
      name: 'zerodis',
      script: './node_modules/zerodis/cli.js',
      args: '--save 60 1',
      exec_mode: 'fork',
      instances: 1,
      kill_timeout: 60_000,
      env: { NODE_ENV: 'production' },
    },
  ],
}
