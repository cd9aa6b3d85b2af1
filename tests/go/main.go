// A client in Go of the service over HTTP with the standard library alone: JSON by POST and GET.
// `go run main.go URL` prints one JSON object with what it was answered.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
)

type value struct {
	Whole string `json:"whole"`
}

type answer struct {
	Analysis struct {
		Totals struct {
			Values map[string]value `json:"values"`
		} `json:"totals"`
	} `json:"analysis"`
	Code string `json:"code"`
}

func read(response *http.Response, err error) (int, answer, http.Header) {
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		panic(err)
	}
	var found answer
	if len(text) > 0 {
		if err := json.Unmarshal(text, &found); err != nil {
			panic(err)
		}
	}
	return response.StatusCode, found, response.Header
}

func main() {
	call := os.Args[1] + "/archcalc.v1.ArchcalcService/Analyze"
	post := func(text string) (int, answer, http.Header) {
		return read(http.Post(call, "application/json", bytes.NewBufferString(text)))
	}
	asked := `{"network": {"name": "vgg16"}}`
	_, posted, _ := post(asked)
	query := call + "?encoding=json&message=" + url.QueryEscape(asked)
	_, got, headers := read(http.Get(query))
	request, _ := http.NewRequest("GET", query, nil)
	request.Header.Set("If-None-Match", headers.Get("ETag"))
	again, _, _ := read(http.DefaultClient.Do(request))
	status, unknown, _ := post(`{"network": {"name": "vgg61"}}`)
	told, _ := json.Marshal(map[string]any{
		"posted": posted.Analysis.Totals.Values["params"].Whole, "got": got.Analysis.Totals.Values["params"].Whole,
		"again": again, "status": status, "code": unknown.Code,
	})
	fmt.Println(string(told))
}
