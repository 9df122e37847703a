package structure

import (
	"math/rand/v2"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect/judge"
)

var insertedPassword = scanner.Detector{
	ID:       "sql-insert-password",
	Title:    "Password of a user in an INSERT of SQL",
	Kind:     "password",
	Severity: scanner.High,
	Class:    scanner.Structural,
	Keywords: []string{"insert into "},
	Reach:    insertReach,
	FindAt:   insertedAt,
	AtPath:   countsAsSource,
	Format:   "https://www.postgresql.org/docs/current/sql-insert.html",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{"INSERT INTO users (name, password) VALUES ('bob', '%');", "insert into `app_user`(`id`, `login`, `user_password`, `role`)\nvalues (1, 'bob', '%', 2);", "INSERT INTO t (id, pwd, at) VALUES (7, '%', now())"}
		return filled(form[r.IntN(len(form))], madeUp(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{"INSERT INTO users (name, password) VALUES ('%', ?);", "INSERT INTO users (name, password_hash) VALUES ('bob', '%');", "INSERT INTO users (password, name) VALUES ('$2a$10$%', 'bob');", "INSERT INTO users (name, email) VALUES ('bob', '%');"}
		return filled(form[r.IntN(len(form))], pick(r, lowers, 9)+"7")
	},
}

// insertReach is how far an INSERT is read: its columns and the first tuples.
const insertReach = 1200 // bytes

const maxColumns = 40

// insertedAt reads INSERT INTO t (..., password, ...) VALUES (..., 'x', ...), and the
// tuples that follow; likewise api_key, client_secret and the like.
func insertedAt(w []byte, start, end int) []scanner.Match {
	w, by := clip(w, start, end, insertReach)
	start, end = start-by, end-by
	i := skipSpace(w, end)
	for i < len(w) && (isNameByte(w[i]) || oneOf(w[i], "`\"[]\\ ")) { // the table
		i++
	}
	if at(w, i) != '(' {
		return nil
	}
	column, n, kind := -1, 0, noName
	for i++; n < maxColumns; n++ {
		for i < len(w) && (isSpace(w[i]) || isBreak(w[i]) || oneOf(w[i], "`\"[]\\")) {
			i++
		}
		from := i
		for isNameByte(at(w, i)) {
			i++
		}
		if i == from {
			return nil
		}
		if k := columnKind(w, from, i); column < 0 && k != noName {
			column, kind = n, k
		}
		for i < len(w) && !oneOf(w[i], ",)(;") {
			i++
		}
		if c := at(w, i); c == ')' {
			break
		} else if c != ',' {
			return nil
		}
		i++
	}
	i = skipBlank(w, i+1)
	if column < 0 || !hasFold(w, i, "values") {
		return nil
	}
	var list []scanner.Match
	for i = skipBlank(w, i+len("values")); at(w, i) == '(' && len(list) < maxTuples; {
		value, after := tuple(w, i+1, column)
		if after == 0 {
			break
		}
		v, ctx := w[value.start:value.end], judge.Context{}
		if kind != passwordName {
			ctx.Kind = judge.Token
		}
		if len(v) > 0 && (kind != passwordName || !isDigest(v)) {
			if secret, weak := judgedBy(v, ctx, true); secret {
				list = append(list, asWeak(one(by, start, value.after, value.start, value.end, insertReach), v, weak)...)
			}
		}
		if i = skipBlank(w, after); at(w, i) == ',' {
			i = skipBlank(w, i+1)
		}
	}
	return list
}

const maxTuples = 20

// columnKind tells what the name w[from:stop] says of its column: a password, a
// secret or a key to something; noName for all others.
func columnKind(w []byte, from, stop int) nameKind {
	for i := from; i < stop; i++ {
		for _, s := range [...]string{"pass", "pwd", "secret", "token", "key"} {
			if !hasFold(w, i, s) {
				continue
			}
			n, ok := fieldName(w[:stop], i, min(i+len(s), stop))
			if !ok || n.kind == noName || n.kind == anyKeyName || n.about(w) {
				return noName
			}
			return n.kind
		}
	}
	return noName
}

// tuple steps over the values in brackets and gives the literal that is number n of
// them; after is 0 where they do not end.
func tuple(w []byte, i, n int) (l literal, after int) {
	for k := 0; k < maxColumns; k++ {
		i = skipBlank(w, i)
		v, ok := literalAt(w, i)
		if ok {
			i = v.after
			if k == n && oneOf(at(w, skipBlank(w, i)), ",)") {
				l = v
			}
		}
		for i < len(w) && !oneOf(w[i], ",)(") {
			i++
		}
		if at(w, i) == '(' {
			if i = closing(w, i); i == 0 {
				return l, 0
			}
			i = skipBlank(w, i)
		}
		switch at(w, i) {
		case ')':
			return l, i + 1
		case ',':
			i++
		default:
			return l, 0
		}
	}
	return l, 0
}
