// Command demo builds a small repository with a history, workflows and an
// inventory in a temporary directory and runs the gate on it, so that a newcomer
// sees a verdict in one command.
package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if err := demo(); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func demo() error {
	dir, err := os.MkdirTemp("", "credgate-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bin := filepath.Join(dir, "credgate")
	if out, err := exec.Command("go", "build", "-o", bin, "github.com/credgate/credgate/cmd/credgate").CombinedOutput(); err != nil {
		return fmt.Errorf("building credgate: %w\n%s", err, out)
	}
	repo := filepath.Join(dir, "shop")
	if err := build(repo); err != nil {
		return err
	}
	fmt.Println("$ git log --oneline --stat")
	if err := git(repo, "-c", "core.pager=", "log", "--oneline", "--stat=72"); err != nil {
		return err
	}
	fmt.Println("\n$ credgate gate --now 2026-06-15")
	cmd := exec.Command(bin, "gate", "--now", "2026-06-15")
	cmd.Dir, cmd.Stdout, cmd.Stderr = repo, os.Stdout, os.Stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	fmt.Printf("\n$ echo $?\n%d\n", cmd.ProcessState.ExitCode())
	if cmd.ProcessState.ExitCode() != 1 {
		return errors.New("the gate was expected to fail this repository with exit status 1")
	}
	return nil
}

// A step is one commit of the demo's history: files to write, or to remove where
// the content is empty.
type step struct {
	date, message string
	files         map[string]string
}

func build(repo string) error {
	if err := os.MkdirAll(repo, 0o755); err != nil {
		return err
	}
	if err := git(repo, "init", "-q", "-b", "main"); err != nil {
		return err
	}
	for _, s := range history() {
		for name, content := range s.files {
			file := filepath.Join(repo, name)
			if content == "" {
				if err := os.Remove(file); err != nil {
					return err
				}
				continue
			}
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
				return err
			}
		}
		if err := git(repo, "add", "-A"); err != nil {
			return err
		}
		if err := git(repo, "-c", "user.name=demo", "-c", "user.email=demo@example.com", "-c", "commit.gpgsign=false",
			"commit", "-q", "-m", s.message, "--date", s.date); err != nil {
			return err
		}
	}
	return nil
}

func git(dir string, args ...string) error {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_COMMITTER_DATE=2026-05-02T09:00:00Z")
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("git %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// password makes a value that nobody uses. It is made here so that this file
// holds no credential.
func password() string {
	const alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, 20)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

func history() []step {
	return []step{
		{"2026-01-12T09:00:00Z", "deploy the shop", map[string]string{
			".github/workflows/deploy.yml": deploy,
			"config/database.env":          "DATABASE_URL=postgres://shop:" + password() + "@db.shop.example.net:5432/shop\n",
		}},
		{"2026-02-03T09:00:00Z", "take the database address from the environment", map[string]string{
			"config/database.env": "",
		}},
		{"2026-03-01T09:00:00Z", "declare what we reach", map[string]string{
			".credgate/inventory.yaml": inventory,
		}},
		{"2026-05-02T09:00:00Z", "send metrics", map[string]string{
			".github/workflows/deploy.yml": deploy + metrics,
		}},
	}
}

const deploy = `name: deploy
on:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  deploy:
    runs-on: ubuntu-24.04
    environment: production
    steps:
      - name: payments
        env:
          STRIPE_KEY: ${{ secrets.STRIPE_KEY }}
        run: curl --fail -u "$STRIPE_KEY:" https://api.stripe.com/v1/charges
`

const metrics = `      - name: metrics
        run: |
          curl -H "DD-API-KEY: ${{ secrets.DATADOG_KEY }}" https://api.datadoghq.com/api/v1/series
`

const inventory = `version: 1
providers:
  stripe:
    kind: external
    revision: 2026-01-01
    auth: {restricted-key: current}
connections:
  stripe-charges:
    provider: stripe
    account: acct_shop
    direction: outbound
    endpoints: [api.stripe.com]
    owner: team:payments
    use: deploy
    purpose: Show what a customer has paid on the page of an order
    data: [orders]
    scopes: [charges:read]
    environments: [production]
    used_by: [.github/workflows/deploy.yml#deploy]
    credential:
      kind: api-key
      auth: restricted-key
      stored_in: [github:environment/production/STRIPE_KEY]
      last_rotated: 2026-03-20
      rotate_every: 80d
      expires: 2026-06-18
      revocation: {mode: manual, how: runbooks/stripe-revoke.md}
    risk: {sensitivity: medium, blast_radius: medium, abuse_speed: high}
    approval: {by: user:maria, on: 2026-03-01, expires: 2026-06-10}
`
