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
// tuples that follow.
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
	column, n := -1, 0
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
		if column < 0 && isPasswordColumn(w, from, i) {
			column = n
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
		if value.end > value.start && !isDigest(w[value.start:value.end]) {
			v := w[value.start:value.end]
			if secret, weak := judgedBy(v, judge.Context{}, true); secret {
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

// isPasswordColumn tells whether the name w[from:stop] is that of a password.
func isPasswordColumn(w []byte, from, stop int) bool {
	for i := from; i < stop; i++ {
		if !hasFold(w, i, "pass") && !hasFold(w, i, "pwd") {
			continue
		}
		n, ok := fieldName(w[:stop], i, min(i+len("pass"), stop))
		return ok && n.kind == passwordName && !n.about(w)
	}
	return false
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
